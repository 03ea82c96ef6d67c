// A copy of a function for each kind of vectors, chosen when the program starts.
//
//   WHY_FOR_EACH_MACHINE void add(double* to, const double* values, int count);
//
// What it computes must not depend on the width of vectors: lanes do not meet, and there is no fused
// multiply-add (third_party/library.cmake). Not under the sanitizers, which do not run yet when it chooses.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WHY_FOR_EACH_MACHINE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WHY_FOR_EACH_MACHINE
#endif
