//! Everything of the library can be imported at once, beside tokio itself.

use ipvs::*;

#[tokio::test]
async fn a_glob_import_leaves_tokio_what_it_is() {
    tokio::task::yield_now().await;
    let kernel = testing::FakeKernel::new();
    let client = asynchronous::Client::from(kernel.client().unwrap());
    assert_eq!(client.services().await.unwrap(), []);
}
