/*
 * failing_vfs.c
 *		A VFS "failing" over SQLite's own, of which the n-th operation fails.
 */
#include "failing_vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

const char *const failing_kinds[FAILING_KINDS] = {
	[FAILING_ONCE] = "an I/O error",
	[FAILING_ON] = "I/O errors from then on",
	[FAILING_FULL] = "a full disk",
	[FAILING_LOCK] = "a lock of others",
};

typedef struct File
{
	sqlite3_file base;
	sqlite3_file *real;			/* what follows in memory */
} File;

static sqlite3_vfs *real;
static sqlite3_vfs failing;
static bool running = false;
static FailingKind running_kind;
static long countdown;
static long failed;

void
failing_start(FailingKind kind, long n)
{
	running = true;
	running_kind = kind;
	countdown = n;
	failed = 0;
}

void
failing_stop(void)
{
	running = false;
}

long
failing_count(void)
{
	return failed;
}

typedef enum Operation
{
	ANY,
	WRITING,
	LOCKING
} Operation;

/* SQLITE_OK, or how the operation fails. */
static int
fails(Operation operation, int io_error)
{
	if (!running ||
		(running_kind == FAILING_FULL && operation != WRITING) ||
		(running_kind == FAILING_LOCK && operation != LOCKING))
		return SQLITE_OK;
	if (countdown-- > 0)
		return SQLITE_OK;
	if (countdown < -1 && (running_kind == FAILING_ONCE || running_kind == FAILING_LOCK))
		return SQLITE_OK;
	failed++;
	switch (running_kind)
	{
		case FAILING_FULL:
			return SQLITE_FULL;
		case FAILING_LOCK:
			return SQLITE_BUSY;
		default:
			return io_error;
	}
}

/* The operation on the real file, unless it fails. */
#define TRY(operation, io_error, call) \
	do { \
		int			code_ = fails(operation, io_error); \
		return code_ != SQLITE_OK ? code_ : real_of(file)->pMethods->call; \
	} while (0)

static sqlite3_file *
real_of(sqlite3_file *file)
{
	return ((File *) file)->real;
}

static int
file_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int
file_read(sqlite3_file *file, void *to, int amount, sqlite3_int64 offset)
{
	TRY(ANY, SQLITE_IOERR_READ, xRead(real_of(file), to, amount, offset));
}

static int
file_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 offset)
{
	TRY(WRITING, SQLITE_IOERR_WRITE, xWrite(real_of(file), from, amount, offset));
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	TRY(ANY, SQLITE_IOERR_TRUNCATE, xTruncate(real_of(file), size));
}

static int
file_sync(sqlite3_file *file, int flags)
{
	(void) file;
	(void) flags;
	return fails(ANY, SQLITE_IOERR_FSYNC);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	TRY(ANY, SQLITE_IOERR_FSTAT, xFileSize(real_of(file), size));
}

static int
file_lock(sqlite3_file *file, int lock)
{
	TRY(LOCKING, SQLITE_IOERR_LOCK, xLock(real_of(file), lock));
}

static int
file_unlock(sqlite3_file *file, int lock)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int
file_check_lock(sqlite3_file *file, int *result)
{
	TRY(ANY, SQLITE_IOERR_CHECKRESERVEDLOCK, xCheckReservedLock(real_of(file), result));
}

static int
file_control(sqlite3_file *file, int which, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), which, argument);
}

static int
file_sector_size(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int
file_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int
file_shm_map(sqlite3_file *file, int page, int size, int extend,
			 void volatile **memory)
{
	TRY(ANY, SQLITE_IOERR_SHMMAP, xShmMap(real_of(file), page, size, extend, memory));
}

static int
file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	/* A lock is always given up. */
	if (flags & SQLITE_SHM_UNLOCK)
		return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
	TRY(LOCKING, SQLITE_IOERR_SHMLOCK, xShmLock(real_of(file), offset, count, flags));
}

static void
file_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int
file_shm_unmap(sqlite3_file *file, int delete)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		 int *out_flags)
{
	File	   *opened = (File *) file;
	int			code = fails(ANY, SQLITE_CANTOPEN);

	(void) vfs;
	memset(opened, 0, sizeof(*opened));
	if (code != SQLITE_OK)
		return code;
	opened->real = (sqlite3_file *) (opened + 1);
	code = real->xOpen(real, name, opened->real, flags, out_flags);
	if (opened->real->pMethods != NULL)
		opened->base.pMethods = &methods;
	return code;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	int			code = fails(ANY, SQLITE_IOERR_DELETE);

	(void) vfs;
	(void) sync;
	return code != SQLITE_OK ? code : real->xDelete(real, name, 0);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	int			code = fails(ANY, SQLITE_IOERR_ACCESS);

	(void) vfs;
	return code != SQLITE_OK ? code : real->xAccess(real, name, flags, result);
}

int
failing_register(void)
{
	real = sqlite3_vfs_find("unix");
	failing = *real;
	failing.pNext = NULL;
	failing.zName = "failing";
	failing.szOsFile = (int) sizeof(File) + real->szOsFile;
	failing.xOpen = vfs_open;
	failing.xDelete = vfs_delete;
	failing.xAccess = vfs_access;
	return sqlite3_vfs_register(&failing, 0);
}
