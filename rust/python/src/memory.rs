//! Memory that cannot be had ends the program in good order, where the program has asked for that.
//!
//! Nothing can catch an allocation that fails: it would abort with the exit code of a crash and words for developers.

use pyo3::{exceptions::PyMemoryError, prelude::*};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// What is written to which file descriptor at the end, and the exit code.
struct LastWords {
    handle: i32,
    words: Vec<u8>,
    code: i32,
}

static LAST_WORDS: OnceLock<LastWords> = OnceLock::new();

/// The system's allocator, which speaks the last words.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: all calls are passed on as they are; a null pointer is passed back as it is, if at all.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those of this function.
        had(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        had(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        had(unsafe { System.realloc(old, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline]
fn had(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        leave();
    }
    memory
}

/// Ends the program, unless it has left no last words. Takes no memory, and no lock that somebody may hold.
#[cold]
fn leave() {
    static LEAVING: AtomicBool = AtomicBool::new(false);
    let Some(LastWords { handle, words, code }) = LAST_WORDS.get() else { return };
    // SAFETY: the words are alive for as long as the program is; the other calls have no conditions.
    unsafe {
        while LEAVING.swap(true, Relaxed) {
            std::thread::yield_now(); // another thread is leaving
        }
        libc::write(*handle, words.as_ptr().cast(), words.len() as _); // Windows counts in 32 bits
        libc::_exit(*code)
    }
}

/// From now on an allocation that fails here writes these words to that file descriptor, and ends the program with that
/// code. Only the first call counts.
#[pyfunction]
pub fn last_words(handle: i32, words: Vec<u8>, code: i32) {
    let _ = LAST_WORDS.set(LastWords { handle, words, code });
}

/// The threads that share work, started once.
///
/// # Errors
/// `MemoryError`: they cannot be started.
pub fn threads() -> PyResult<()> {
    static STARTED: OnceLock<Option<String>> = OnceLock::new();
    let why = STARTED.get_or_init(|| rayon::ThreadPoolBuilder::new().build_global().err().map(|why| why.to_string()));
    why.as_ref().map_or(Ok(()), |why| Err(PyMemoryError::new_err(format!("no threads could be started: {why}"))))
}
