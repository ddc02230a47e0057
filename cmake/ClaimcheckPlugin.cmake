# SPDX-License-Identifier: MIT
# claimcheck_plugin(name SOURCES... [LINK libs...]): NAME.so, which exports
# claimcheck_plugin (hypervisor/plugin.h) and nothing else, in the build folder's
# top. Part of the tree and of the installed package.
function(claimcheck_plugin name)
    cmake_parse_arguments(A "" "" "LINK" ${ARGN})
    add_library(${name} MODULE ${A_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE claimcheck::hypervisor ${A_LINK})
    target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL)
    set_target_properties(${name} PROPERTIES PREFIX ""
        C_STANDARD 11 C_EXTENSIONS ON C_VISIBILITY_PRESET hidden
        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()
