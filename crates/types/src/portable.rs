//! `Send` and `Sync` where there are threads, nothing in a browser, whose futures and database handles have neither.

#[cfg(not(target_arch = "wasm32"))]
mod bounds {
    /// May move to another thread, where there are threads.
    pub trait MaybeSend: Send {}
    impl<T: Send + ?Sized> MaybeSend for T {}

    /// May be shared between threads, where there are threads.
    pub trait MaybeSync: Sync {}
    impl<T: Sync + ?Sized> MaybeSync for T {}
}

#[cfg(target_arch = "wasm32")]
mod bounds {
    /// May move to another thread, where there are threads: here there are none.
    pub trait MaybeSend {}
    impl<T: ?Sized> MaybeSend for T {}

    /// May be shared between threads, where there are threads: here there are none.
    pub trait MaybeSync {}
    impl<T: ?Sized> MaybeSync for T {}
}

pub use bounds::{MaybeSend, MaybeSync};
