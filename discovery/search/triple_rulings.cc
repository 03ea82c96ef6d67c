#include "discovery/search/triple_rulings.h"

#include "core/errors.h"

namespace why {

Triple TripleRulings::ordered(const Triple& triple) {
  const auto [x, z, y] = triple;
  return x < y ? triple : Triple{y, z, x};
}

void TripleRulings::add(const Triple& triple, Ruling ruling) {
  const bool is_new = rulings_.emplace(ordered(triple), ruling).second;
  WHY_ASSERT(is_new);
  if (ruling != Ruling::unsure) return;
  const auto [x, z, y] = triple;
  unsure_.try_emplace({z, x}, n_).first->second.insert(y);
  unsure_.try_emplace({z, y}, n_).first->second.insert(x);
}

Ruling TripleRulings::of(const Triple& triple) const {
  const auto found = rulings_.find(ordered(triple));
  WHY_ASSERT(found != rulings_.end());
  return found->second;
}

bool TripleRulings::is_unsure(const Triple& triple) const {
  const auto [x, z, y] = triple;
  const auto found = unsure_.find({z, x});
  return found != unsure_.end() && found->second.contains(y);
}

Bits TripleRulings::unsure_across(Node z, Node x) const {
  if (unsure_.empty()) return none_;
  const auto found = unsure_.find({z, x});
  return found == unsure_.end() ? none_ : found->second;
}

std::vector<Triple> TripleRulings::unsure() const {
  std::vector<Triple> out;
  for (const auto& [triple, ruling] : rulings_)
    if (ruling == Ruling::unsure) out.push_back(triple);
  return out;
}

}  // namespace why
