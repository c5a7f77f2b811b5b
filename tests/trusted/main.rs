//! What may go wrong in the world: locks, full and failing disks, kills, hostile values, many at once. After each, the
//! data are there, and the session is usable or says why not.

mod concurrency;
mod faults;
mod hostile;
mod input_output;
mod killed;
