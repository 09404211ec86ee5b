//! `#[derive(Describe)]`. Serde's attributes that change the shape of a type are refused, but for `rename`: what the derive
//! does not understand it must not describe.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericParam, LitStr, Type, ext::IdentExt, parse_quote,
    punctuated::Punctuated, token::Comma,
};

pub fn expand(input: &DeriveInput) -> Result<TokenStream, Error> {
    let shape = match &input.data {
        Data::Struct(data) => struct_shape(&data.fields)?,
        Data::Enum(data) => {
            let variants = data.variants.iter().map(variant).collect::<Result<Vec<_>, _>>()?;
            quote!(::myceline_sdk::describe::Shape::Enum(::std::vec![#(#variants),*]))
        }
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "a union has no canonical bytes")),
    };
    let ident = &input.ident;
    let name = renamed(&input.attrs, ident.unraw().to_string())?;
    let mut generics = input.generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(::myceline_sdk::Describe));
        }
    }
    let (generics, arguments, bounds) = generics.split_for_impl();
    Ok(quote! {
        impl #generics ::myceline_sdk::Describe for #ident #arguments #bounds {
            fn format(types: &mut ::myceline_sdk::describe::Types) -> ::myceline_sdk::describe::Format {
                types.named::<Self>(#name, |types| { let _ = &types; #shape })
            }
        }
    })
}

fn struct_shape(fields: &Fields) -> Result<TokenStream, Error> {
    let format = match fields {
        Fields::Named(fields) => {
            let fields = named(&fields.named)?;
            return Ok(quote!(::myceline_sdk::describe::Shape::Struct(#fields)));
        }
        Fields::Unnamed(fields) => unnamed(&fields.unnamed)?,
        Fields::Unit => quote!(::myceline_sdk::describe::Format::Unit),
    };
    Ok(quote!(::myceline_sdk::describe::Shape::Wrapper(#format)))
}

fn variant(variant: &syn::Variant) -> Result<TokenStream, Error> {
    let name = renamed(&variant.attrs, variant.ident.unraw().to_string())?;
    let content = match &variant.fields {
        Fields::Unit => quote!(Nothing),
        Fields::Unnamed(fields) => {
            let format = unnamed(&fields.unnamed)?;
            quote!(One(#format))
        }
        Fields::Named(fields) => {
            let fields = named(&fields.named)?;
            quote!(Struct(#fields))
        }
    };
    Ok(quote!(::myceline_sdk::describe::Variant {
        name: ::std::convert::Into::into(#name),
        content: ::myceline_sdk::describe::Content::#content,
    }))
}

fn named(fields: &Punctuated<Field, Comma>) -> Result<TokenStream, Error> {
    let mut described = Vec::new();
    for field in fields {
        let name = renamed(&field.attrs, field.ident.as_ref().map_or_else(String::new, |it| it.unraw().to_string()))?;
        let format = format(&field.ty);
        described.push(quote!(::myceline_sdk::describe::Field {
            name: ::std::convert::Into::into(#name),
            format: #format,
        }));
    }
    Ok(quote!(::std::vec![#(#described),*]))
}

/// One field is that field; several are a tuple.
fn unnamed(fields: &Punctuated<Field, Comma>) -> Result<TokenStream, Error> {
    for field in fields {
        renamed(&field.attrs, String::new())?;
    }
    let formats: Vec<_> = fields.iter().map(|field| format(&field.ty)).collect();
    match &formats[..] {
        [only] => Ok(only.clone()),
        _ => Ok(quote!(::myceline_sdk::describe::Format::Tuple(::std::vec![#(#formats),*]))),
    }
}

fn format(of: &Type) -> TokenStream {
    quote!(<#of as ::myceline_sdk::Describe>::format(types))
}

/// The name that serde uses.
fn renamed(attributes: &[Attribute], mut name: String) -> Result<String, Error> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename") {
                return Err(meta.error("a described type may use serde's `rename` only: others change its shape"));
            }
            name = meta.value()?.parse::<LitStr>()?.value();
            Ok(())
        })?;
    }
    Ok(name)
}
