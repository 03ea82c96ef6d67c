# How dependencies are found. Versions are pinned by scripts/setup; nothing is downloaded here.

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Eigen3 3.3 REQUIRED)
find_package(ICU 70 REQUIRED COMPONENTS uc)

# SentencePiece is the static library that scripts/setup builds. Debian's shared one exports FLAGS_minloglevel as libc10
# does, and the first TorchScript call waits for ever; so no symbol of this one may be seen outside either.
find_path(SENTENCEPIECE_INCLUDE sentencepiece_processor.h
  PATHS ${PROJECT_SOURCE_DIR}/.deps/sentencepiece/include NO_DEFAULT_PATH)
find_library(SENTENCEPIECE_LIBRARY libsentencepiece.a
  PATHS ${PROJECT_SOURCE_DIR}/.deps/sentencepiece/lib NO_DEFAULT_PATH)
if(NOT SENTENCEPIECE_INCLUDE OR NOT SENTENCEPIECE_LIBRARY)
  message(FATAL_ERROR "SentencePiece was not found: run scripts/setup --no-build (with --no-torch for a build without "
    "the models)")
endif()
add_library(sentencepiece INTERFACE)
target_include_directories(sentencepiece SYSTEM INTERFACE ${SENTENCEPIECE_INCLUDE})
target_link_libraries(sentencepiece INTERFACE ${SENTENCEPIECE_LIBRARY} Threads::Threads)
target_link_options(sentencepiece INTERFACE -Wl,--exclude-libs,libsentencepiece.a)

if(WHYFORMER_TESTS)
  find_package(GTest REQUIRED)
endif()

# ccache, told to share between clones in different folders (BASEDIR, NOHASHDIR) and to store what a precompiled
# header goes into (SLOPPINESS).
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()

# mold, where compiler and mold know each other (GCC from 12 on).
include(CheckLinkerFlag)
find_program(MOLD mold)
if(MOLD)
  check_linker_flag(CXX -fuse-ld=mold LINKS_WITH_MOLD)
  if(LINKS_WITH_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

# CUDA: the nvcc on PATH, or the one that scripts/setup --cuda puts into .deps.
if(NOT WHYFORMER_CUDA STREQUAL "OFF")
  find_program(NVCC nvcc PATHS ENV CUDA_HOME /usr/local/cuda ${PROJECT_SOURCE_DIR}/.deps/nvidia/cu13 PATH_SUFFIXES bin)
  if(NVCC AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} ${NVCC})
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90 CACHE STRING "")
    enable_language(CUDA)
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake before 3.26 does not know that nvcc takes C++20
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    endif()
    set(CMAKE_CUDA_STANDARD 20)
    set(WHYFORMER_HAS_CUDA ON)
  elseif(WHYFORMER_CUDA STREQUAL "ON")
    message(FATAL_ERROR "WHYFORMER_CUDA=ON, but no CUDA compiler works here: put nvcc on PATH, or run "
      "scripts/setup --cuda")
  endif()
endif()
