# SPDX-License-Identifier: MIT
# Which commit this tree is, found out anew at each build.
#   cmake -DHEADER=FILE -P Commit.cmake   a header that is touched by a change only
#   (run by cpack)                        the file COMMIT of a source tarball
# A tree from such a tarball has no .git: its commit is in that file. One with
# neither has none, and claimcheck --version says the version alone.
cmake_minimum_required(VERSION 3.22)
get_filename_component(_source ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(_commit "")
if(EXISTS ${_source}/.git)
    execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
        WORKING_DIRECTORY ${_source} OUTPUT_VARIABLE _commit ERROR_QUIET
        OUTPUT_STRIP_TRAILING_WHITESPACE)
elseif(EXISTS ${_source}/COMMIT)
    file(STRINGS ${_source}/COMMIT _commit LIMIT_COUNT 1)
endif()
if(HEADER)
    file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define CLAIMCHECK_COMMIT \"@_commit@\"\n" @ONLY)
elseif(_commit AND EXISTS ${CPACK_TEMPORARY_DIRECTORY}/CMakeLists.txt)
    file(WRITE ${CPACK_TEMPORARY_DIRECTORY}/COMMIT "${_commit}\n")
endif()
