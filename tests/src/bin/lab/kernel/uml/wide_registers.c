/*
 * User Mode Linux writes the extended registers of its processes with a buffer of 2,696 bytes, which holds
 * everything up to AVX-512. On a CPU with AMX the host's kernel accepts nothing but the whole 11,008 bytes,
 * answers EFAULT, and the guest's first process dies. This library is loaded in front of the C library. It
 * completes such a write with the registers that the process has.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>

/* <sys/ptrace.h> would declare the function that is defined here with another type. */
enum { GETREGSET = 0x4204, SETREGSET = 0x4205, X86_XSTATE = 0x202 };

typedef long (*function)(int, pid_t, void *, void *);

static long set_all(function real, pid_t process, void *kind, struct iovec *given)
{
	/* The guest's kernel has one thread. */
	static char registers[65536];
	struct iovec all = { registers, sizeof registers };

	if (real(GETREGSET, process, kind, &all) < 0)
		return -1;
	if (given->iov_len >= all.iov_len)
		return real(SETREGSET, process, kind, given);
	memcpy(registers, given->iov_base, given->iov_len);
	return real(SETREGSET, process, kind, &all);
}

long ptrace(int request, ...)
{
	static function real;
	va_list arguments;
	pid_t process;
	void *address, *data;

	va_start(arguments, request);
	process = va_arg(arguments, pid_t);
	address = va_arg(arguments, void *);
	data = va_arg(arguments, void *);
	va_end(arguments);

	if (!real)
		real = (function)dlsym(RTLD_NEXT, "ptrace");
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (request == SETREGSET && address == (void *)X86_XSTATE)
		return set_all(real, process, address, data);
	return real(request, process, address, data);
}
