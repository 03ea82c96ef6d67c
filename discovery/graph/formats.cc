#include "discovery/graph/formats.h"

#include "core/errors.h"

namespace why {
namespace {

struct Format {
  std::string_view name;
  std::string (*write)(const MixedGraph&, std::span<const std::string>);
  NamedGraph (*read)(std::string_view, std::string_view);
};

constexpr Format kFormats[] = {{"edges", to_edges, parse_edges},
                               {"dot", to_dot, parse_dot},
                               {"tetrad", to_tetrad, parse_tetrad},
                               {"graphml", to_graphml, parse_graphml},
                               {"pcalg", to_pcalg, parse_pcalg}};

const Format& format_called(std::string_view name) {
  check_known("format", name, kGraphTextFormats);
  for (const Format& format : kFormats)
    if (format.name == name) return format;
  WHY_ASSERT(false);
}

}  // namespace

std::string write_graph(std::string_view format, const MixedGraph& graph,
                        std::span<const std::string> names) {
  return format_called(format).write(graph, names);
}

NamedGraph read_graph(std::string_view format, std::string_view text, std::string_view source) {
  return format_called(format).read(text, source);
}

}  // namespace why
