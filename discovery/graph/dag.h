// Directed acyclic graphs with latent and selection nodes: the truth behind tests and `discover --oracle`.
//
//   observed   measured
//   latent     never measured: marginalised out
//   selection  always conditioned on: who is in the sample depends on it
//
// Ancestors are kept as closed rows of bits, so a question about them costs one look-up; adding an edge costs
// O(n) row operations. boost_graph.h lets Boost.Graph's algorithms run on it.
#pragma once

#include <string>
#include <vector>

#include "core/random.h"
#include "discovery/graph/node_set.h"

namespace why {

enum class NodeKind : std::uint8_t { observed, latent, selection };

class Dag {
 public:
  explicit Dag(std::vector<NodeKind> kinds = {});

  int num_nodes() const { return static_cast<int>(kinds_.size()); }
  NodeKind kind(Node x) const { return kinds_[static_cast<std::size_t>(x)]; }
  std::vector<Node> nodes_of(NodeKind kind) const;  // ascending

  bool has_edge(Node from, Node to) const { return children_.has(from, to); }
  Bits parents(Node x) const { return parents_.row(x); }
  Bits children(Node x) const { return children_.row(x); }
  Bits ancestors(Node x) const { return ancestors_.row(x); }  // x itself among them
  bool is_ancestor(Node x, Node of) const { return ancestors_.has(of, x); }

  // from --> to, not there yet. WHY_ASSERTs that no cycle closes: ask is_ancestor(to, from) first.
  void add_edge(Node from, Node to);

  friend bool operator==(const Dag&, const Dag&) = default;

 private:
  std::vector<NodeKind> kinds_;
  BitMatrix parents_, children_, ancestors_;
};

struct NamedDag {
  std::vector<std::string> names;
  Dag dag;
};

// Names of the observed nodes in their order: those of the graph that a search returns.
std::vector<std::string> observed_names(const NamedDag& named);

struct RandomDagOptions {
  int observed = 5;
  int latent = 2;
  int selection = 0;
  double edge_probability = 0.3;  // of each pair
};

// Erdős–Rényi: each pair is joined with equal probability, along a random order in which selection nodes come
// last (edges out of a node that is always conditioned on change nothing). Nodes are numbered observed,
// latent, selection.
Dag random_dag(const RandomDagOptions& options, Random& random);

}  // namespace why
