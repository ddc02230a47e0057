# SPDX-License-Identifier: MIT
# One way to declare each kind of product.

# claimcheck_library(name SOURCES... [LINK libs...])
function(claimcheck_library name)
    cmake_parse_arguments(A "" "" "LINK" ${ARGN})
    add_library(${name} STATIC ${A_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${A_LINK})
endfunction()

# claimcheck_sources(name SOURCES HEADERS): sets these variables to the sources of
# a library and of all it links, and to the headers that lie beside them.
function(claimcheck_sources name sources headers)
    set(todo ${name})
    set(seen "")
    set(_sources "")
    set(_headers "")
    while(todo)
        list(POP_FRONT todo library)
        if(NOT TARGET ${library} OR library IN_LIST seen)
            continue()
        endif()
        list(APPEND seen ${library})
        get_target_property(folder ${library} SOURCE_DIR)
        get_target_property(own ${library} SOURCES)
        list(TRANSFORM own PREPEND ${folder}/)
        list(APPEND _sources ${own})
        file(GLOB own CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.def)
        list(APPEND _headers ${own})
        get_target_property(links ${library} LINK_LIBRARIES)
        if(links)
            list(APPEND todo ${links})
        endif()
    endwhile()
    set(${sources} ${_sources} PARENT_SCOPE)
    set(${headers} ${_headers} PARENT_SCOPE)
endfunction()

# claimcheck_quiet_compares(name [SOURCES...]): do not tell the fuzz engine about
# every comparison in this library, or in these sources of it. Where pages are
# walked or counters checked, comparisons say nothing about the input, and
# telling them was measured to be half of the time (perf of fuzz_sequence). What
# decodes and validates arguments keeps telling.
function(claimcheck_quiet_compares name)
    if(CLAIMCHECK_ENGINE STREQUAL "none" OR NOT CLAIMCHECK_COMPARES
       OR NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        return()
    endif()
    if(ARGN)
        set_source_files_properties(${ARGN} PROPERTIES
            COMPILE_OPTIONS -fno-sanitize-coverage=trace-cmp,indirect-calls)
    else()
        target_compile_options(${name} PRIVATE -fno-sanitize-coverage=trace-cmp,indirect-calls)
    endif()
endfunction()

# claimcheck_uninstrumented(name): the fuzz engine hears nothing of this library.
# Sanitizers stay.
function(claimcheck_uninstrumented name)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang" OR NOT CLAIMCHECK_ENGINE MATCHES "libfuzzer|external")
        return()
    endif()
    target_compile_options(${name} PRIVATE -fno-sanitize=fuzzer-no-link
        -fno-sanitize-coverage=edge,inline-8bit-counters,pc-table)
endfunction()

# claimcheck_lends(name): this program lends functions to plug-ins.
function(claimcheck_lends name)
    target_link_options(${name} PRIVATE
        -Wl,--dynamic-list=${PROJECT_SOURCE_DIR}/hypervisor/lent.list)
endfunction()

# claimcheck_program(name SOURCES... [LINK libs...]): in the build folder's top
function(claimcheck_program name)
    cmake_parse_arguments(A "" "" "LINK" ${ARGN})
    add_executable(${name} ${A_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ${A_LINK})
    claimcheck_lends(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

# claimcheck_takes(SECONDS TESTS...): what the slowest of these tests takes on two
# idle cores, with sanitizers where it runs with them, and with all that it builds
# where nothing is built yet. A limit is for what hangs, not for what is slow: a
# machine may be busy with much else.
set(CLAIMCHECK_PATIENCE 30)
set(CLAIMCHECK_PATIENCE_MIN 900)
function(claimcheck_takes seconds)
    math(EXPR limit "${seconds} * ${CLAIMCHECK_PATIENCE}")
    if(limit LESS CLAIMCHECK_PATIENCE_MIN)
        set(limit ${CLAIMCHECK_PATIENCE_MIN})
    endif()
    set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${limit})
endfunction()

# claimcheck_nightly(TESTS... [CONTAINS tests...]): only scripts/test --nightly runs
# these. Others show most of what they show, in a fraction of their time; those that
# do nothing else than a part of it are left out at night.
function(claimcheck_nightly)
    cmake_parse_arguments(A "" "" "CONTAINS" ${ARGN})
    set_property(TEST ${A_UNPARSED_ARGUMENTS} APPEND PROPERTY LABELS nightly)
    if(A_CONTAINS)
        set_property(TEST ${A_CONTAINS} APPEND PROPERTY LABELS daily)
    endif()
endfunction()

# claimcheck_unit_test(name SOURCES... [LINK libs...]): a cmocka test
function(claimcheck_unit_test name)
    if(NOT CLAIMCHECK_TESTS)
        return()
    endif()
    cmake_parse_arguments(A "" "" "LINK" ${ARGN})
    add_executable(${name} ${A_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE ${CMOCKA_INCLUDE} ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${A_LINK} ${CMOCKA_LIBRARY})
    add_test(NAME unit.${name} COMMAND ${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
    claimcheck_takes(5 unit.${name})
endfunction()

# All of them, and nothing else: what the preset fuzz-fast builds.
add_custom_target(fuzz-targets)

# claimcheck_fuzz_target(name [MUTATOR] SOURCES... [LINK libs...]): linked with the
# fuzz engine, or with the engine-less main that replays files and folders.
# MUTATOR: libFuzzer mutates whole operations, by harness/mutate
function(claimcheck_fuzz_target name)
    cmake_parse_arguments(A "MUTATOR" "" "LINK" ${ARGN})
    add_executable(${name} ${A_UNPARSED_ARGUMENTS})
    if(CLAIMCHECK_ENGINE STREQUAL "none")
        target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/harness/targets/main.c)
        target_link_libraries(${name} PRIVATE ${A_LINK} cc_cases)
    else()
        target_link_libraries(${name} PRIVATE ${A_LINK} ${CLAIMCHECK_ENGINE_LINK})
        if(CLAIMCHECK_ENGINE STREQUAL "libfuzzer" AND A_MUTATOR)
            target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/harness/mutate/libfuzzer.c)
            target_link_libraries(${name} PRIVATE cc_mutate)
        endif()
        if(CLAIMCHECK_ENGINE STREQUAL "external")
            set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
        endif()
    endif()
    add_dependencies(fuzz-targets ${name})
    claimcheck_lends(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()
