// One search of many tables: all heads of many inputs, all samples of a bootstrap.
//
//   const std::vector<SearchResult> found = icd_of_each(tests, {.max_order = 3}, device, threads);
//
// On the CPU the tests are shared among threads. On a CUDA device searches run in one launch, a warp each
// (small_search_cuda.h); a matrix that lies there already (Correlation::on_device) is not copied to it. What
// is left to the CPU are p-values, the last orientation with its reasons, what rfci and the collider rules of
// pc ask about a skeleton, the searches that a launch gives back, and those that are never handed over: of
// more than kMostInWord variables, with knowledge, with too few samples for any answer; of icd also with
// snapshots or with max_sets_per_edge below what a launch lists; of fci with another collider rule than
// sepset.
//
// The results are those of icd(test, options) and so on, in the order of the tests: the same bits on every
// device and for every number of threads. A search asks its test's should_stop; on a device before the launch
// only. UserError for a device that this program was built without; std::runtime_error for one that fails,
// but not for want of memory, where the CPU searches.
#pragma once

#include <span>
#include <vector>

#include "core/device.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/pc.h"
#include "discovery/search/rfci.h"

namespace why {

std::vector<SearchResult> icd_of_each(std::span<const CorrelationTest> tests, const IcdOptions& options,
                                      Device device, int threads);
std::vector<SearchResult> fci_of_each(std::span<const CorrelationTest> tests, const FciOptions& options,
                                      Device device, int threads);
std::vector<SearchResult> rfci_of_each(std::span<const CorrelationTest> tests, const RfciOptions& options,
                                       Device device, int threads);
std::vector<SearchResult> pc_of_each(std::span<const CorrelationTest> tests, const PcOptions& options,
                                     Device device, int threads);

}  // namespace why
