# SPDX-License-Identifier: MIT
# Everything the build needs from outside; all that is missing is said at once,
# with how to get it.

set(CLAIMCHECK_MISSING "")
macro(claimcheck_need_header header package)
    string(MAKE_C_IDENTIFIER "FOUND_${header}" _found)
    find_path(${_found} ${header})
    if(NOT ${_found})
        list(APPEND CLAIMCHECK_MISSING "${header}: apt-get install ${package}")
    endif()
endmacro()

claimcheck_need_header("xen/xen.h" libxen-dev)
claimcheck_need_header("xxhash.h" libxxhash-dev)
option(CLAIMCHECK_TESTS "Build the tests (needs cmocka)" ON)
if(CLAIMCHECK_TESTS)
    find_path(CMOCKA_INCLUDE cmocka.h)
    find_library(CMOCKA_LIBRARY cmocka)
    if(NOT CMOCKA_INCLUDE OR NOT CMOCKA_LIBRARY)
        list(APPEND CLAIMCHECK_MISSING "cmocka: apt-get install libcmocka-dev")
    endif()
endif()

# AFL++'s compiler is steered by the environment (AFL_LLVM_CMPLOG), which ccache
# does not see: it would hand the objects of one preset to the other.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER AND NOT CLAIMCHECK_ENGINE STREQUAL "afl")
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

if(CLAIMCHECK_MISSING)
    string(REPLACE ";" "\n  " _list "${CLAIMCHECK_MISSING}")
    message(FATAL_ERROR "Missing:\n  ${_list}\n(scripts/setup installs all of it on Debian 12)")
endif()
