//! What others need to know to talk to an application. It stands in the library of the application's crate, so that other
//! applications and tools depend on it without its code.

use serde::{Serialize, de::DeserializeOwned};

/// How a contract is called. Operations and responses are canonical bytes.
pub trait ContractAbi {
    /// What a block, or another application, asks the contract to do.
    type Operation: Serialize + DeserializeOwned;
    /// What the contract answers. Only other applications see it.
    type Response: Serialize + DeserializeOwned;
}

/// How a service is asked. Queries and answers are JSON.
pub trait ServiceAbi: ContractAbi {
    /// What is asked.
    type Query: Serialize + DeserializeOwned;
    /// What is answered.
    type QueryResponse: Serialize + DeserializeOwned;
}

/// Says which interface a contract has.
pub trait WithContractAbi {
    /// The interface.
    type Abi: ContractAbi;
}

/// Says which interface a service has.
pub trait WithServiceAbi {
    /// The interface.
    type Abi: ServiceAbi;
}
