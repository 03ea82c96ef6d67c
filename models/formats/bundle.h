// The folder that --model takes:
//
//   bundle.yaml         what the model is; strict keys (describe below lists them)
//   model.safetensors   weights of an architecture that the program builds itself, or
//   model.pt            a TorchScript module
//   items.txt           the dataset's own item ids, one a line; line j has the score j
//
// No Torch: a bundle can be looked at, and refused, in milliseconds.
#pragma once

#include <filesystem>

#include "core/config.h"
#include "models/model.h"

namespace why {

inline constexpr char kBundleFile[] = "bundle.yaml";
inline constexpr char kItemsFile[] = "items.txt";
inline constexpr char kWeightsFile[] = "model.safetensors";
inline constexpr char kScriptFile[] = "model.pt";

// The keys of bundle.yaml.
void describe(Fields& fields, BundleInfo& info);

// UserError for a folder without bundle.yaml, for an unknown or missing key, numbers that do not fit each
// other, and items that are missing, repeated or too few.
BundleInfo read_bundle(const std::filesystem::path& folder);

// bundle.yaml and items.txt into a folder that exists; the weights are the caller's.
void write_bundle(const std::filesystem::path& folder, const BundleInfo& info);

}  // namespace why
