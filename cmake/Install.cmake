# SPDX-License-Identifier: MIT
# cmake --install: the CLI, the preload library, the seam's headers for plug-ins
# with a CMake package and a pkg-config file, man page, completion, documents.
# From builds without sanitizers and fuzz engine only: the others are for the
# folder that they were made in.
if(NOT CLAIMCHECK_PLAIN)
    return()
endif()
include(CMakePackageConfigHelpers)

set(_package ${CMAKE_INSTALL_LIBDIR}/cmake/claimcheck)
set(_made ${PROJECT_BINARY_DIR}/install)

install(TARGETS claimcheck RUNTIME)
if(TARGET claimcheck-xen)
    install(TARGETS claimcheck-xen LIBRARY)
endif()

# ---- for plug-ins ----
install(DIRECTORY hypervisor/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/claimcheck/hypervisor
    FILES_MATCHING PATTERN "issue.h" EXCLUDE PATTERN "*.h" PATTERN "*.def")
install(TARGETS claimcheck_hypervisor EXPORT claimcheck-targets)
install(EXPORT claimcheck-targets NAMESPACE claimcheck:: DESTINATION ${_package})
configure_package_config_file(cmake/claimcheck-config.cmake.in
    ${_made}/claimcheck-config.cmake INSTALL_DESTINATION ${_package})
write_basic_package_version_file(${_made}/claimcheck-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${_made}/claimcheck-config.cmake ${_made}/claimcheck-config-version.cmake
    cmake/ClaimcheckPlugin.cmake DESTINATION ${_package})
# Relative to itself: a prefix may be chosen when installing.
file(RELATIVE_PATH _up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/claimcheck.pc.in ${_made}/claimcheck.pc @ONLY)
install(FILES ${_made}/claimcheck.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# ---- for people ----
add_custom_command(OUTPUT ${_made}/claimcheck.1
    COMMAND claimcheck --man > ${_made}/claimcheck.1 DEPENDS claimcheck VERBATIM)
add_custom_target(man ALL DEPENDS ${_made}/claimcheck.1)
install(FILES ${_made}/claimcheck.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES cmake/claimcheck.bash RENAME claimcheck
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY corpus DESTINATION ${CMAKE_INSTALL_DATADIR}/claimcheck)
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

# ---- packages ----
# `cpack -G DEB` in a build folder; `cpack --config CPackSourceConfig.cmake` for
# the sources.
set(CPACK_PACKAGE_NAME claimcheck)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "fuzzing and property tests of Xen's memory-claim hypercalls")
set(CPACK_PACKAGE_CONTACT "the maintainers of claimcheck <root@localhost>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME claimcheck-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES "${PROJECT_SOURCE_DIR}/(build|\\\\.git|\\\\.cache)/;${PROJECT_SOURCE_DIR}/\\\\.git$;__pycache__")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/Commit.cmake)
include(CPack)
