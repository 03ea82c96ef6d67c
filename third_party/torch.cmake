# LibTorch, and how targets use it: why_torch_library(NAME SOURCES ... DEPENDS ...) as why_library, and
# why_torch_target(NAME) for a target made otherwise. A test that DEPENDS on a Torch library becomes one by itself.
#
# LibTorch is the wheel that scripts/setup unpacks into .deps, or any of 2.4 or later on CMAKE_PREFIX_PATH. Its own
# CMake package insists on a CUDA toolkit, so the libraries are named here. torch_cpu and c10 only: libtorch.so would
# pull in NVSHMEM.
find_path(TORCH_INCLUDE torch/script.h HINTS ${PROJECT_SOURCE_DIR}/.deps/torch PATH_SUFFIXES include)
if(NOT TORCH_INCLUDE)
  message(FATAL_ERROR "LibTorch was not found: run scripts/setup, or give a LibTorch of your own with "
    "-DCMAKE_PREFIX_PATH=DIR, or build without the models: cmake --preset no-torch")
endif()
get_filename_component(TORCH_ROOT ${TORCH_INCLUDE} DIRECTORY)
find_library(TORCH_CPU torch_cpu PATHS ${TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
find_library(TORCH_C10 c10 PATHS ${TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
add_library(torch INTERFACE)
target_include_directories(torch SYSTEM INTERFACE ${TORCH_INCLUDE} ${TORCH_INCLUDE}/torch/csrc/api/include)
# NDEBUG: without it record_function.h asserts when a callback reads its inputs.
target_compile_definitions(torch INTERFACE NDEBUG)
target_link_options(torch INTERFACE -Wl,--allow-shlib-undefined)
target_link_libraries(torch INTERFACE ${TORCH_CPU} ${TORCH_C10})

# Compiling a Torch file takes up to 2 GB: no more of them at a time than fit into memory, whatever -j says.
cmake_host_system_information(RESULT torch_memory QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR torch_jobs "(${torch_memory} + 2499) / 2500")
set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch=${torch_jobs})

function(why_torch_library name)
  why_library(${name} ${ARGN})
  why_torch_target(${name})
  set_property(GLOBAL APPEND PROPERTY WHY_TORCH_LIBRARIES ${name})
endfunction()

# One precompiled header for all Torch files: a file then takes 4 s of processor time rather than 14. GCC takes a
# precompiled header only under equal options, hence -fPIC for executables too.
function(why_torch_target name)
  if(NOT TARGET why_torch_header)
    set(source ${CMAKE_BINARY_DIR}/torch_header.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(why_torch_header OBJECT ${source})
    target_precompile_headers(why_torch_header PRIVATE <ATen/record_function.h> <torch/script.h>)
    why_compile_options(why_torch_header)
    why_torch_options(why_torch_header)
  endif()
  why_torch_options(${name})
  target_precompile_headers(${name} REUSE_FROM why_torch_header)
endfunction()

function(why_torch_options name)
  target_link_libraries(${name} PUBLIC torch)
  # -fpch-preprocess: without it ccache does not store files that use a precompiled header.
  target_compile_options(${name} PRIVATE -fPIC -fpch-preprocess -Winvalid-pch)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF JOB_POOL_COMPILE torch)
endfunction()
