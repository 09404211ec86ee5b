//! `#[derive(Mutations)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, Type, Variant, ext::IdentExt};

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Enum(operations) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "operations are an enum"));
    };
    let (name, visibility) = (&input.ident, &input.vis);
    let mutations = format_ident!("{name}Mutations");
    let doc = format!("A GraphQL mutation for every case of [`{name}`]: it schedules the operation.");
    let fields = operations.variants.iter().map(|variant| mutation(name, variant));
    Ok(quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, Default)]
        #visibility struct #mutations;

        #[::async_graphql::Object]
        impl #mutations {
            #(#fields)*
        }
    })
}

fn mutation(operation: &Ident, variant: &Variant) -> TokenStream {
    let name = &variant.ident;
    let method = Ident::new_raw(&snake(&name.unraw().to_string()), name.span());
    let docs = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let docs: Vec<&Attribute> = docs.collect();
    let (names, types): (Vec<Ident>, Vec<&Type>) = match &variant.fields {
        Fields::Unit => (Vec::new(), Vec::new()),
        Fields::Named(fields) => fields.named.iter().filter_map(|it| Some((it.ident.clone()?, &it.ty))).unzip(),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            (vec![format_ident!("value")], vec![&fields.unnamed[0].ty])
        }
        Fields::Unnamed(fields) => {
            let names = (0..fields.unnamed.len()).map(|index| format_ident!("value{index}"));
            (names.collect(), fields.unnamed.iter().map(|field| &field.ty).collect())
        }
    };
    let value = match &variant.fields {
        Fields::Unit => quote!(#operation::#name),
        Fields::Named(_) => quote!(#operation::#name { #(#names),* }),
        Fields::Unnamed(_) => quote!(#operation::#name(#(#names),*)),
    };
    quote! {
        #(#docs)*
        async fn #method(&self, #(#names: #types),*) -> bool {
            ::myceline_sdk::graphql::schedule(&#value)
        }
    }
}

/// `TransferAll` as `transfer_all`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
