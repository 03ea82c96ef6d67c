// The output folder of a training while it runs, so that a killed one can go on:
//
//   training.yaml    the options and a hash of the data: a resume must be given the same (stays)
//   training.jsonl   one line a step of the training that can be resumed at, an epoch or a part of one
//   (stays) training.state   everything that the next of them needs, replaced after each (removed at the end)
//   bundle.yaml      written last: a folder that has it holds a whole model
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/records.h"

namespace why {

class TrainingFolder {
 public:
  // A new folder, or with `resume` the one that a killed training left. UserError when the folder holds a
  // model, something else, or an unfinished training that is not to be resumed; with `resume`, when there is
  // none, or one of other options.
  TrainingFolder(const std::string& folder, const std::string& options, bool resume);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path state() const;
  bool has_state() const;

  // The log, cut to the lines that the state knows of. UserError while another process has it.
  Journal open_log(std::size_t lines) const;

  // After the model is written.
  void finish() const;

 private:
  std::filesystem::path path_;
};

}  // namespace why
