//! `#[derive(State)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Error, Fields};

/// Fields are told apart by one byte.
const FIELDS_MAX: usize = 256;

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "state is a struct with named fields"));
    };
    if fields.named.len() > FIELDS_MAX {
        return Err(Error::new_spanned(&input.ident, "a struct of state has at most 256 fields: nest structs"));
    }
    let places = fields.named.iter().zip(0u8..=u8::MAX).map(|(field, index)| {
        let name = &field.ident;
        quote!(#name: ::myceline_sdk::State::at(::myceline_sdk::state::field(&prefix, #index)))
    });
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::myceline_sdk::State for #name #arguments #bounds {
            fn at(prefix: ::std::vec::Vec<u8>) -> Self {
                #name { #(#places),* }
            }
        }
    })
}
