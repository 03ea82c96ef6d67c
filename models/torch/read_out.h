// The read-out row: the row of the last attention layer at the token where the scores are read. Modules that
// are built here give access to it, through methods of TorchScript that are added to their own:
//
//   knock_out(ids [1, T], mask [1, T], keep [S, T])    scores [S, items or labels]: row s reads the tokens
//                                                      of keep[s] only
// and what it is made of
//
//   weigh_row(below, place, keep [S, T])               attention [1, H, S, T] of the row, of the kept tokens;
//                                                      zeros where none is kept
//   score_row(below, place, attention, direct: bool)   scores [S, ..] from any attention [1, H, S, T]
//   values_of_row(below)                               [1, H, T, d] of each head, after the output matrix
//
//   below [1, T, d] are the states that the last layer reads, place [1, 1] is the token; both are given by
//   the module's own read_by_last(ids, mask). With `direct`, scores are the same numbers, but gradients go
//   past the feed-forward block and through norms whose scale is held.
//
// All sets of keys share the layers below and the keys and values of the last one; a set costs one row:
// output projection, norms, feed-forward block and head.
#pragma once

#include <torch/script.h>

#include <string>

namespace why {

// The methods above, for a module with methods read_by_last and score (of states [.., d]) and a submodule
// `last_layer` (Blocks::layer). Also row_of(states [B, T, d], place [B, 1]), the states [B, d] at a token of
// each sequence.
std::string read_out_script(const std::string& last_layer);

// Whether the module has these methods.
bool has_read_out(const torch::jit::Module& module);

}  // namespace why
