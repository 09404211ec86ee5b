//! `#[derive(Mutations)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, Ident, Lit, Meta, MetaNameValue, Type, Variant,
    ext::IdentExt,
};

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
    let arguments: Vec<Argument<'_>> =
        variant.fields.iter().enumerate().map(|it| argument(&variant.fields, it)).collect();
    let names: Vec<&Ident> = arguments.iter().map(|argument| &argument.name).collect();
    let value = match &variant.fields {
        Fields::Unit => quote!(#operation::#name),
        Fields::Named(_) => quote!(#operation::#name { #(#names),* }),
        Fields::Unnamed(_) => quote!(#operation::#name(#(#names),*)),
    };
    quote! {
        #(#docs)*
        async fn #method(&self, #(#arguments),*) -> bool {
            ::myceline_sdk::graphql::schedule(&#value)
        }
    }
}

/// An argument of a mutation: a field of the operation.
struct Argument<'a> {
    name: Ident,
    kind: &'a Type,
    /// What the field's comment says.
    description: Option<String>,
}

fn argument<'a>(fields: &Fields, (index, field): (usize, &'a Field)) -> Argument<'a> {
    let unnamed = || if fields.len() == 1 { format_ident!("value") } else { format_ident!("value{index}") };
    let name = field.ident.clone().unwrap_or_else(unnamed);
    Argument { name, kind: &field.ty, description: description(&field.attrs) }
}

impl ToTokens for Argument<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Argument { name, kind, description } = self;
        let described = description.iter().map(|text| quote!(#[graphql(desc = #text)]));
        tokens.extend(quote!(#(#described)* #name: #kind));
    }
}

/// The lines of a comment, if there is one.
fn description(attributes: &[Attribute]) -> Option<String> {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. })
            if path.is_ident("doc") =>
        {
            Some(text.value().trim().to_owned())
        }
        _ => None,
    };
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
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
