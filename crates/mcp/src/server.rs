//! The server that agents talk to: the protocol's requests, answered from the toolbox and by the node.

use crate::{
    Object, answer,
    call::request,
    interface::Interface,
    perform::Performer,
    resource::Resource,
    tool::{Effect, Tool},
    toolbox::{Settings, Toolbox},
};
use myceline_service::{Code, Failure, Node};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        self, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
        ReadResourceResult, ResourceContents, ServerCapabilities, ServerConfig, ToolAnnotations,
    },
    service::RequestContext,
};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Calls that are carried out at once, over all agents.
const CALLS_MAX: usize = 16;
/// A longer request is no call of a tool that is offered here.
pub(crate) const REQUEST_BYTES_MAX: usize = 1 << 20;

/// The tools of a wallet, ready to be used. A value of this type is a handle.
#[derive(Clone, Debug)]
pub struct Server(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    toolbox: Toolbox,
    performer: Performer,
    places: Semaphore,
}

impl Server {
    /// Offers these applications, and the chains of the wallet whose node this is.
    pub fn new(node: Node, settings: &Settings, interfaces: &[Interface]) -> Server {
        let toolbox = Toolbox::new(settings, interfaces);
        let performer = Performer::new(node, settings.chain, interfaces);
        Server(Arc::new(Inner { toolbox, performer, places: Semaphore::new(CALLS_MAX) }))
    }

    /// How many tools there are.
    pub fn tools(&self) -> usize {
        self.0.toolbox.tools().len()
    }

    async fn call(&self, tool: &Tool, arguments: Object) -> Result<Value, Failure> {
        let busy = |_| Failure::new(Code::Busy, format_args!("{CALLS_MAX} calls are being carried out already"));
        let _place = self.0.places.try_acquire().map_err(busy)?;
        self.0.performer.perform(request(tool, arguments)?).await
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let myself = Implementation::new("myceline", env!("CARGO_PKG_VERSION")).with_title("Myceline");
        ServerConfig::new(capabilities).with_server_info(myself).with_instructions(self.0.toolbox.instructions())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.toolbox.tools().iter().map(listed_tool).collect()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.0.toolbox.tool(&call.name) else {
            return Err(ErrorData::invalid_params(format!("there is no tool {:?}", call.name), None));
        };
        let outcome = self.call(tool, call.arguments.unwrap_or_default()).await;
        Ok(told(answer::of(outcome, tool.effect)).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(self.0.toolbox.resources().iter().map(listed_resource).collect()))
    }

    async fn read_resource(
        &self,
        wanted: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let Some(resource) = self.0.toolbox.resource(&wanted.uri) else {
            return Err(ErrorData::resource_not_found(format!("there is no resource {}", wanted.uri), None));
        };
        let contents = ResourceContents::text(&resource.text, &resource.uri).with_mime_type(resource.kind);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}

fn listed_tool(tool: &Tool) -> model::Tool {
    let annotations = ToolAnnotations::new()
        .read_only(tool.effect == Effect::Reads)
        .destructive(tool.effect == Effect::Changes)
        .idempotent(tool.effect == Effect::Reads)
        // What a block does is seen by others, and may be sent to them.
        .open_world(tool.effect != Effect::Reads);
    model::Tool::new(tool.name.clone(), tool.description.clone(), Arc::new(tool.input.clone()))
        .with_title(&tool.title)
        .with_annotations(annotations)
}

fn listed_resource(resource: &Resource) -> model::Resource {
    model::Resource::new(&resource.uri, &resource.name)
        .with_description(&resource.description)
        .with_mime_type(resource.kind)
        .with_size(resource.text.len() as u64)
}

/// A failure of a call is an answer to it: agents read that, and would not be shown an error of the protocol.
fn told(answer: answer::Answer) -> CallToolResult {
    let content = vec![ContentBlock::text(answer.text)];
    let mut result = if answer.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    result.structured_content = Some(answer.structured);
    result
}
