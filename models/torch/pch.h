// Precompiled: the headers of LibTorch that this folder shares.
#pragma once

#include <ATen/record_function.h>
#include <torch/script.h>
#include <torch/torch.h>
