# SPDX-License-Identifier: MIT
# Compiler flags of the whole tree, and the two switches that make builds differ:
#   CLAIMCHECK_ENGINE    none | libfuzzer | afl | external (what
#                        $LIB_FUZZING_ENGINE says, as OSS-Fuzz wants)
#   CLAIMCHECK_SANITIZE  -fsanitize=... list, "" for none
#   CLAIMCHECK_COMPARES  off: a fuzz engine is told of edges alone, not of what is
#                        compared (preset fuzz-fast)
# and two that only scripts/coverage turns off (docs/coverage.md).
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON) # Xen's public headers want anonymous unions' GNU form
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_FLAGS_RELEASE "-O2 -g") # assertions stay: they cost little, say much
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

set(CLAIMCHECK_ENGINE "none" CACHE STRING "Fuzz engine: none, libfuzzer, afl, external")
set_property(CACHE CLAIMCHECK_ENGINE PROPERTY STRINGS none libfuzzer afl external)
set(CLAIMCHECK_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
option(CLAIMCHECK_COMPARES "libFuzzer is told of comparisons" ON)

# Off where the compiler is not ours to choose (OSS-Fuzz takes the newest clang,
# which may warn of more than those the tree is kept clean with).
option(CLAIMCHECK_WERROR "Warnings are errors" ON)
# Nothing here is put in front of a function of its own library: gcc may inline
# them, as clang does.
add_compile_options(-Wall -Wextra -Wshadow -Wmissing-prototypes -fno-semantic-interposition)
if(CLAIMCHECK_SANITIZE)
    add_compile_options(-fno-omit-frame-pointer) # their stacks are walked by it
endif()
if(CLAIMCHECK_WERROR)
    add_compile_options(-Werror)
endif()

# A correct program never takes the failing way of an assertion, nor the way of a
# fault that is not planted: where coverage is measured they would be branches
# that nothing can reach.
option(CLAIMCHECK_ASSERTIONS "Assertions are checked" ON)
option(CLAIMCHECK_PLANTED_FAULTS "Planted faults can be chosen" ON)
if(NOT CLAIMCHECK_ASSERTIONS)
    add_compile_definitions(NDEBUG)
endif()
if(NOT CLAIMCHECK_PLANTED_FAULTS)
    add_compile_definitions(CLAIMCHECK_NO_PLANTED_FAULTS)
endif()
if(NOT CLAIMCHECK_ASSERTIONS OR NOT CLAIMCHECK_PLANTED_FAULTS)
    add_compile_options(-Wno-unused -Wno-unused-parameter) # what only they read
endif()

# No engine, no sanitizer: what gets installed, and where tests run that do not
# depend on how the programs were compiled.
set(CLAIMCHECK_PLAIN ON)
if(CLAIMCHECK_SANITIZE OR NOT CLAIMCHECK_ENGINE STREQUAL "none")
    set(CLAIMCHECK_PLAIN OFF)
endif()

if(CLAIMCHECK_SANITIZE)
    add_compile_options(-fsanitize=${CLAIMCHECK_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CLAIMCHECK_SANITIZE})
endif()

if(CLAIMCHECK_ENGINE STREQUAL "libfuzzer")
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "CLAIMCHECK_ENGINE=libfuzzer needs clang: apt-get install clang-14 libclang-rt-14-dev, then use --preset fuzz")
    endif()
    if(CLAIMCHECK_COMPARES)
        set(CLAIMCHECK_FEEDBACK -fsanitize=fuzzer-no-link)
    else()
        set(CLAIMCHECK_FEEDBACK -fsanitize-coverage=edge,inline-8bit-counters,pc-table)
    endif()
    add_compile_options(${CLAIMCHECK_FEEDBACK})
    set(CLAIMCHECK_ENGINE_LINK -fsanitize=fuzzer)
elseif(CLAIMCHECK_ENGINE STREQUAL "afl")
    set(CLAIMCHECK_ENGINE_LINK -fsanitize=fuzzer) # afl-clang-fast links its driver
elseif(CLAIMCHECK_ENGINE STREQUAL "external")
    if(NOT DEFINED ENV{LIB_FUZZING_ENGINE})
        message(FATAL_ERROR "CLAIMCHECK_ENGINE=external wants LIB_FUZZING_ENGINE in the environment")
    endif()
    enable_language(CXX) # such an engine is C++, and wants its linker
    separate_arguments(CLAIMCHECK_ENGINE_LINK UNIX_COMMAND "$ENV{LIB_FUZZING_ENGINE}")
elseif(NOT CLAIMCHECK_ENGINE STREQUAL "none")
    message(FATAL_ERROR "CLAIMCHECK_ENGINE=${CLAIMCHECK_ENGINE}: expected none, libfuzzer, afl or external")
endif()
