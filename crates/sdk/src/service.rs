//! The half of an application that answers questions: it sees the state, changes nothing, and may ask for operations.

use crate::{
    ServiceAbi, ServiceRuntime, WithServiceAbi,
    describe::{Description, schema},
    host,
};
use serde::{Serialize, de::DeserializeOwned};

/// What a service is asked.
pub type Query<S> = <<S as WithServiceAbi>::Abi as ServiceAbi>::Query;
/// What a service answers.
pub type QueryResponse<S> = <<S as WithServiceAbi>::Abi as ServiceAbi>::QueryResponse;

/// A service.
pub trait Service: WithServiceAbi + Sized {
    /// What was fixed when the application was created.
    type Parameters: Serialize + DeserializeOwned;

    /// The service over the chain as it is.
    fn new(runtime: ServiceRuntime<Self>) -> Self;

    /// Answers a query.
    fn handle_query(&self, query: Query<Self>) -> QueryResponse<Self>;
}

/// A service with the description of its application.
#[doc(hidden)]
pub trait Described: Service {
    fn description() -> Description;
}

/// What an entry point does, by the name of its export.
#[doc(hidden)]
pub mod entries {
    use super::*;

    pub fn handle_query<S: Described>(service: &mut Option<S>, length: u32) -> i64 {
        host::report_panics();
        let query = serde_json::from_slice(&host::argument(length));
        let query = query.unwrap_or_else(|why| panic!("this is no query of this application: {why}"));
        let service = service.get_or_insert_with(|| S::new(ServiceRuntime::new()));
        give_json(&service.handle_query(query))
    }

    pub fn describe<S: Described>(_service: &mut Option<S>, _length: u32) -> i64 {
        host::report_panics();
        let description = S::description();
        let schema = schema::of(&description);
        give_json(&serde_json::json!({ "formats": description, "schema": schema }))
    }

    fn give_json(value: &impl Serialize) -> i64 {
        host::give(serde_json::to_vec(value).unwrap_or_else(|why| panic!("the answer has no form in JSON: {why}")))
    }
}

/// Makes a binary the service of an application: `service!(CounterService);`. The file begins with
/// `#![cfg_attr(target_arch = "wasm32", no_main)]`.
///
/// The types that only the contract sees are named behind it, so that tools can read and write them:
/// `service!(CounterService, message: Message, argument: u64, event: Event);`. What is not named is `()`.
#[macro_export]
macro_rules! service {
    ($service:ty $(, $part:ident: $type:ty)* $(,)?) => {
        impl $crate::service::Described for $service {
            fn description() -> $crate::describe::Description {
                #[allow(unused_mut, reason = "an application may have nothing to add")]
                let mut types = $crate::describe::Description::of::<
                    <$service as $crate::WithServiceAbi>::Abi,
                    <$service as $crate::Service>::Parameters,
                >();
                $(types.$part::<$type>();)*
                types.finish()
            }
        }
        $crate::exports!($service, service, handle_query, describe);
    };
}
