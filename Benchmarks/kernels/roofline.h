// What this machine allows: bytes read from memory, and products of bytes in registers.
#ifndef ROOFLINE_H
#define ROOFLINE_H

#include <stddef.h>

/// Bytes that all members together read in a second from an array of so many bytes.
double roofline_bytes_per_second(size_t bytes, int members, double shortest, int runs);

/// Multiplications and additions of bytes that all members together do in a second with the widest
/// instruction for dot products; 0 where this program knows none.
double roofline_operations_per_second(int members, double shortest, int runs);

/// That instruction's name.
const char *roofline_instruction(void);

#endif
