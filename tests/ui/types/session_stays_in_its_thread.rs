use eagerly::Session;
use shop::Customer;

fn main() {
    let session = Session::in_memory().unwrap();
    let customers = session.all(Customer::select()).unwrap();
    std::thread::spawn(move || drop(session));
    std::thread::spawn(move || drop(customers));
}
