# Installs into a temporary folder, builds examples/discovery against what was installed, and runs it and the program.
# Given: SOURCE, BUILD, GENERATOR, COMPILER, CONFIG.
string(RANDOM LENGTH 8 name)
set(work /tmp/whyformer_install_${name})
if(DEFINED ENV{TMPDIR})
  set(work $ENV{TMPDIR}/whyformer_install_${name})
endif()

# Runs a command; its output is in `output`.
function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    file(REMOVE_RECURSE ${work})
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${code}\n${out}${err}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

function(expect text wanted)
  string(FIND "${text}" "${wanted}" at)
  if(at EQUAL -1)
    file(REMOVE_RECURSE ${work})
    message(FATAL_ERROR "expected\n${wanted}\nin\n${text}")
  endif()
endfunction()

foreach(component discovery program)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix --component ${component} --config ${CONFIG})
endforeach()
foreach(file include/whyformer/core/errors.h include/whyformer/discovery/search/fci.h)
  if(NOT EXISTS ${work}/prefix/${file})
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()

run(${work}/prefix/bin/whyformer --version)
expect("${output}" "0.1")

# A copy: nothing of this source tree may be needed, not even by accident.
file(COPY ${SOURCE}/examples/discovery DESTINATION ${work})
run(${CMAKE_COMMAND} -S ${work}/discovery -B ${work}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/example)
expect("${output}" "income o-> smoking")
expect("${output}" "0 edges differ from the true graph")

# A component that is not there is named.
file(WRITE ${work}/wrong/CMakeLists.txt "cmake_minimum_required(VERSION 3.22)\nproject(Wrong LANGUAGES CXX)\n"
  "find_package(Whyformer REQUIRED COMPONENTS models)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${work}/wrong -B ${work}/wrong/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${work}/prefix ERROR_VARIABLE err OUTPUT_QUIET
  RESULT_VARIABLE code)
if(code EQUAL 0)
  message(FATAL_ERROR "the component `models` was found")
endif()
expect("${err}" "has no component \"models\"")
file(REMOVE_RECURSE ${work})
