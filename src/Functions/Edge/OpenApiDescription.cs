using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CustomerFunctions.Edge;

/// <summary>What the routes themselves do not say about this API, for the OpenAPI document.</summary>
internal static class OpenApiDescription
{
    public static void MapOpenApiDocument(this IEndpointRouteBuilder app) => OpenApiFile.Map(app);

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Customer Functions", Version = "v1", Description = "Customers, access and machine credentials." };
            // The document is served from wherever the app is; a relative server keeps it right behind every front end.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, a service account's credential." },
                ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (operation.RequestBody is not null) { AddBodyRefusals(operation); }
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesIdempotencyKey>().Any())
            {
                operation.Parameters = [.. operation.Parameters ?? [], new OpenApiParameter { Name = Idempotency.Header, In = ParameterLocation.Header, Description = "A quoted string; the same request with the same key is executed once and answered alike for 24 hours." }];
            }
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Requirement>().SingleOrDefault()?.Permission is not { } permission) { return Task.CompletedTask; }
            operation.Security = [Scheme("bearer", context.Document), Scheme("apiKey", context.Document)];
            operation.Description = $"Needs the permission `{Permissions.Name(permission)}`.";
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.AddExtension("x-permission", new JsonNodeExtension(Permissions.Name(permission)));
            operation.AddExtension("x-customer-standing", new JsonNodeExtension((metadata.OfType<AdmitsStanding>().LastOrDefault()?.Worst ?? CustomerStatus.Active).ToString().ToLowerInvariant()));
            if (metadata.OfType<OwnAccountOnly>().Any()) { operation.AddExtension("x-own-account", new JsonNodeExtension(true)); }
            return Task.CompletedTask;
        });
    }

    /// <summary>What <see cref="RequestBody"/> and the reader of bodies answer wherever there is one.</summary>
    private static void AddBodyRefusals(OpenApiOperation operation)
    {
        operation.Responses ??= [];
        foreach (var (status, description) in new[] { ("411", "Length Required"), ("413", "Payload Too Large"), ("415", "Unsupported Media Type") })
        {
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = description });
        }
    }

    private static OpenApiSecurityRequirement Scheme(string name, OpenApiDocument? document) => new() { [new OpenApiSecuritySchemeReference(name, document)] = [] };
}
