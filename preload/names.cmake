# SPDX-License-Identifier: MIT
# preload_names.def: the names of hypercalls, domctls, sysctls and commands of
# memory_op and xen_version, from the Xen headers that the build uses.
#   NAME(domctl, 15, "XEN_DOMCTL_max_vcpus")
set(_names ${CMAKE_CURRENT_BINARY_DIR}/preload_names.def)
set(_text "")
foreach(_pair xen:__HYPERVISOR domctl:XEN_DOMCTL sysctl:XEN_SYSCTL memory:XENMEM
        version:XENVER)
    string(REPLACE ":" ";" _pair ${_pair})
    list(GET _pair 0 _header)
    list(GET _pair 1 _prefix)
    file(STRINGS ${FOUND_xen_xen_h}/xen/${_header}.h _lines
        REGEX "^#define ${_prefix}_[a-z0-9_]+ +[0-9]+ *$|uint32_t cmd;")
    # What the commands of a domctl or sysctl are is listed after their number, the
    # last one of that name; before it are commands of commands.
    set(_commands "")
    foreach(_line IN LISTS _lines)
        if(_line MATCHES "uint32_t cmd")
            set(_commands "")
        elseif(NOT _line MATCHES "_op_|_resource_"
           AND _line MATCHES "^#define (${_prefix}_[a-z0-9_]+) +([0-9]+)")
            string(APPEND _commands "NAME(${_header}, ${CMAKE_MATCH_2}, \"${CMAKE_MATCH_1}\")\n")
        endif()
    endforeach()
    string(APPEND _text "${_commands}")
endforeach()
file(CONFIGURE OUTPUT ${_names} CONTENT "${_text}" @ONLY)
