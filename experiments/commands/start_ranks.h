// Several processes of this program on one machine, which share a run.
#pragma once

#include <string>
#include <vector>

namespace why {

// Starts the program with these arguments as ranks 0 .. count - 1 (rank.h) and waits for all of them. They
// end when this process ends. A rank that ends early is a warning, since the others take up its share, unless
// it is the first: then all end. Returns the exit code of the first; std::runtime_error when a signal ended
// it.
int start_ranks(int count, const std::vector<std::string>& arguments);

}  // namespace why
