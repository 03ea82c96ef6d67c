// docs/configuration.md: every key of a run, of a list of runs and of a training, from the tables that read
// them.
#pragma once

#include <string>

namespace why {

std::string configuration_page();

}  // namespace why
