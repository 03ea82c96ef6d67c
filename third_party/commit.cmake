# Run at every build: writes version.cc when the commit has changed. SOURCE, INPUT, OUTPUT, PROJECT_VERSION given.
execute_process(COMMAND git -c safe.directory=* describe --always --dirty --abbrev=12 WORKING_DIRECTORY ${SOURCE}
  OUTPUT_VARIABLE WHYFORMER_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT WHYFORMER_COMMIT)
  set(WHYFORMER_COMMIT unknown)
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
