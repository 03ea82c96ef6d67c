// Import of encoders: what goes in and what comes out. No Torch here; the work is done in models/torch/.
#pragma once

#include <string>
#include <vector>

#include "models/model.h"

namespace why {

struct ImportOptions {
  std::string source;   // a Hugging Face folder
  std::string adapter;  // a PEFT LoRA adapter to merge; empty: none
  std::string output;   // the bundle's folder, which must be new or empty
  std::string program;  // version, for the bundle's provenance
};

// The self-check is made on sequences of random ids (seed 1) of lengths up to the model's, at most 64.
struct ImportReport {
  BundleInfo info;
  std::vector<std::string> left_out;  // parts of the folder that the model does not use
  double fused_difference = 0;        // largest |difference| of states, fused against explicit attention
  double capture_difference = 0;      // of attention, captured from explicit maps against recomputed ones
};

}  // namespace why
