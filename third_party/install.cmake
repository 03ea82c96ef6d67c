# `cmake --install`: the program, and discovery as a library for other projects:
#
#   find_package(Whyformer REQUIRED COMPONENTS discovery)
#   target_link_libraries(mine Whyformer::discovery)
#
# Components: `program` (bin/whyformer, lib/libwhyformer_torch.so, the documents), `discovery` (static libraries, the
# headers under include/whyformer, the CMake package).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(why_discovery INTERFACE)
target_link_libraries(why_discovery INTERFACE why_search why_explain why_simulate)
target_compile_features(why_discovery INTERFACE cxx_std_20)

set(libraries why_base why_stats why_graph why_search why_explain why_simulate why_discovery)
foreach(library IN LISTS libraries)
  string(REPLACE why_ "" exported ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${exported})
  add_library(Whyformer::${exported} ALIAS ${library})
endforeach()
install(TARGETS ${libraries} EXPORT discovery ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/whyformer COMPONENT discovery
  INCLUDES DESTINATION include/whyformer)
install(DIRECTORY discovery DESTINATION include/whyformer COMPONENT discovery FILES_MATCHING PATTERN "*.h")
install(FILES core/device.h core/errors.h core/host_device.h core/parallel.h core/printable.h core/random.h core/subsets.h
  DESTINATION include/whyformer/core COMPONENT discovery)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Whyformer)
install(EXPORT discovery FILE WhyformerDiscovery.cmake NAMESPACE Whyformer:: DESTINATION ${package}
  COMPONENT discovery)
configure_package_config_file(third_party/WhyformerConfig.cmake.in ${CMAKE_BINARY_DIR}/WhyformerConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/WhyformerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/WhyformerConfig.cmake ${CMAKE_BINARY_DIR}/WhyformerConfigVersion.cmake
  DESTINATION ${package} COMPONENT discovery)

install(TARGETS whyformer RUNTIME DESTINATION bin COMPONENT program)
if(TARGET why_torch AND NOT WHYFORMER_SANITIZE)  # as in experiments/CMakeLists.txt
  # where the program looks; LibTorch stays where it is
  set_target_properties(why_torch PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS why_torch LIBRARY DESTINATION lib COMPONENT program)
endif()
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
