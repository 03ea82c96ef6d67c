# How dependencies are found. Versions are pinned by scripts/setup; nothing is downloaded here.

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Eigen3 3.3 REQUIRED)
if(WHYFORMER_TESTS)
  find_package(GTest REQUIRED)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# LibTorch: the wheel that scripts/setup unpacks into .deps, or any of 2.4 or later on CMAKE_PREFIX_PATH. Its own
# CMake package insists on a CUDA toolkit, so the libraries are named here. torch_cpu and c10 only: libtorch.so
# would pull in NVSHMEM.
if(WHYFORMER_TORCH)
  find_path(TORCH_INCLUDE torch/script.h
    PATHS ${PROJECT_SOURCE_DIR}/.deps/torch PATH_SUFFIXES include REQUIRED)
  get_filename_component(TORCH_ROOT ${TORCH_INCLUDE} DIRECTORY)
  find_library(TORCH_CPU torch_cpu PATHS ${TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
  find_library(TORCH_C10 c10 PATHS ${TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
  add_library(torch INTERFACE)
  target_include_directories(torch SYSTEM INTERFACE ${TORCH_INCLUDE} ${TORCH_INCLUDE}/torch/csrc/api/include)
  # NDEBUG: without it record_function.h asserts when a callback reads its inputs.
  target_compile_definitions(torch INTERFACE NDEBUG)
  target_link_options(torch INTERFACE -Wl,--allow-shlib-undefined -Wl,-rpath,${TORCH_ROOT}/lib)
  target_link_libraries(torch INTERFACE ${TORCH_CPU} ${TORCH_C10})
endif()

if(NOT WHYFORMER_CUDA STREQUAL "OFF")
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
    message(FATAL_ERROR "WHYFORMER_CUDA=ON, but no CUDA compiler was found: put nvcc on PATH")
  endif()
endif()
