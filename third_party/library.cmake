# One call a layer: why_library(NAME SOURCES a.cc b.cc DEPENDS why_core Boost::headers).
# What DEPENDS does not list cannot be linked: the link graph is the rule of the layers. CUDA_SOURCES are compiled
# where there is a CUDA compiler; C++ sources then see WHYFORMER_HAS_CUDA.
function(why_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;CUDA_SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(WHYFORMER_HAS_CUDA AND ARG_CUDA_SOURCES)
    target_sources(${name} PRIVATE ${ARG_CUDA_SOURCES})
    # The static runtime: the program starts on machines without CUDA.
    set_target_properties(${name} PROPERTIES CUDA_RUNTIME_LIBRARY Static)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
  why_compile_options(${name})
endfunction()

# One call a test: why_test(graph/mixed_graph_test.cc LABEL discovery DEPENDS why_graph). The test is named after
# its path, or NAME. A test that links LibTorch is also labelled torch and is left out of the sanitizer build, unless it
# is one of capture: LibTorch itself is not instrumented and slow there.
function(why_test source)
  cmake_parse_arguments(ARG "" "NAME" "LABEL;DEPENDS" ${ARGN})
  set(name ${ARG_NAME})
  if(NOT name)
    string(REPLACE ".cc" "" name ${source})
  endif()
  string(REPLACE "/" "_" name ${name})
  why_uses_torch(torch ${ARG_DEPENDS})
  if(torch AND NOT "capture" IN_LIST ARG_LABEL)
    if(WHYFORMER_SANITIZE)
      return()
    endif()
    list(APPEND ARG_LABEL torch)
  endif()
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  why_compile_options(${name})
  if(torch)
    why_torch_target(${name})
  else()
    why_test_target(${name})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  # one thread: tests run beside each other, and threads of OpenMP that wait for a core spin
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}"
    ENVIRONMENT "WHYFORMER_SOURCE=${PROJECT_SOURCE_DIR};WHYFORMER_BUILD=${CMAKE_BINARY_DIR};OMP_NUM_THREADS=1")
  add_dependencies(why_tests ${name})
endfunction()

# Tests are many and short: one precompiled header for all and -O1 (of two given, the last counts) take half the
# processor time of -O3 without it. What they test keeps its own options.
function(why_test_target name)
  if(NOT TARGET why_test_header)
    set(source ${CMAKE_BINARY_DIR}/test_header.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(why_test_header OBJECT ${source})
    target_precompile_headers(why_test_header PRIVATE <gmock/gmock.h> <gtest/gtest.h> <map> <random> <string> <vector>)
    target_link_libraries(why_test_header PRIVATE GTest::gmock GTest::gtest)
    why_compile_options(why_test_header)
    why_test_options(why_test_header)
  endif()
  why_test_options(${name})
  target_precompile_headers(${name} REUSE_FROM why_test_header)
endfunction()

function(why_test_options name)
  # -fpch-preprocess: without it ccache does not store files that use a precompiled header.
  target_compile_options(${name} PRIVATE -O1 -fPIE -fpch-preprocess -Winvalid-pch)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
endfunction()

function(why_uses_torch result)
  get_property(torch_libraries GLOBAL PROPERTY WHY_TORCH_LIBRARIES)
  set(${result} OFF PARENT_SCOPE)
  foreach(library IN LISTS ARGN)
    if(library IN_LIST torch_libraries)
      set(${result} ON PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(why_compile_options name)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  if(WHYFORMER_HAS_CUDA)
    target_compile_definitions(${name} PRIVATE WHYFORMER_HAS_CUDA)
  endif()
  target_compile_options(${name} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor>
    # GCC 12 reports string concatenation falsely (its bug 105329)
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)
  # No contraction into fused multiply-add: the same matrix gives the same graph on every machine and device.
  target_compile_options(${name} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
    $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false -Xcompiler=-ffp-contract=off>)
  if(WHYFORMER_SANITIZE)
    target_compile_options(${name} PRIVATE
      $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer>)
    target_link_options(${name} PUBLIC -fsanitize=address,undefined)
  endif()
  if(WHYFORMER_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()
