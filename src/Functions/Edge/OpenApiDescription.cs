using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CustomerFunctions.Edge;

/// <summary>What the routes themselves do not say about this API, for the OpenAPI document.</summary>
internal static class OpenApiDescription
{
    private const string ProblemType = "application/problem+json";

    public static void MapOpenApiDocument(this IEndpointRouteBuilder app) => OpenApiFile.Map(app);

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Customer Functions", Version = "v1", Description = "Customers, access and machine credentials. Lengths of text count Unicode code points of Normalization Form C." };
            // The document is served from wherever the app is; a relative server keeps it right behind every front end.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key, a service account's credential." },
                ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key" },
            };
            // Nothing refers to it any more: refusals are problems of our own.
            document.Components.Schemas?.Remove("ProblemDetails");
            PatchSchemas.Apply(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            DescribeConverted(schema, context.JsonTypeInfo.Type);
            if (RequiredMembers.Of(context.JsonTypeInfo.Type).ToList() is { Count: > 0 } required) { schema.Required = required.Concat(schema.Required ?? new HashSet<string>()).ToHashSet(); }
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (operation.RequestBody is not null) { AddBodyRefusals(operation); }
            DescribeRefusals(operation, context.Document);
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesIdempotencyKey>().Any())
            {
                AddHeader(operation, Idempotency.Header, isRequired: false, "A quoted string; the same request with the same key is executed once and answered alike for 24 hours.");
            }
            if (operation.Responses?.ContainsKey("304") == true) { AddHeader(operation, "If-None-Match", isRequired: false, "An ETag that was read; 304 as long as it is the current one."); }
            if (operation.Responses?.ContainsKey("428") == true) { AddHeader(operation, "If-Match", isRequired: true, "The ETag that was read, or * for whatever is there."); }
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Requirement>().SingleOrDefault()?.Permission is not { } permission) { return Task.CompletedTask; }
            operation.Security = [Scheme("bearer", context.Document), Scheme("apiKey", context.Document)];
            operation.Description = $"Needs the permission `{Permissions.Name(permission)}`.";
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.AddExtension("x-permission", new JsonNodeExtension(Permissions.Name(permission)));
            operation.AddExtension("x-customer-standing", new JsonNodeExtension((metadata.OfType<AdmitsStanding>().LastOrDefault()?.Worst ?? CustomerStatus.Active).ToString().ToLowerInvariant()));
            if (metadata.OfType<TakesFeature>().SingleOrDefault() is { Flag: var feature })
            {
                operation.Description += $" Takes the feature `{feature.Name}`.";
                operation.AddExtension("x-feature", new JsonNodeExtension(feature.Name));
            }
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
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = description, Content = new Dictionary<string, OpenApiMediaType> { [ProblemType] = new() } });
        }
    }

    /// <summary>A refusal has more to it than the framework's type for problems: a code, a trace id, the fields that are wrong.</summary>
    private static void DescribeRefusals(OpenApiOperation operation, OpenApiDocument? document)
    {
        foreach (var (_, response) in operation.Responses ?? [])
        {
            if (response.Content?.TryGetValue(ProblemType, out var problem) == true) { problem.Schema = new OpenApiSchemaReference(nameof(ProblemDocument), document); }
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, bool isRequired, string description) => operation.Parameters =
    [
        .. operation.Parameters ?? [],
        new OpenApiParameter { Name = name, In = ParameterLocation.Header, Required = isRequired, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
    ];

    /// <summary>What our own converters read and write, the framework cannot know.</summary>
    private static void DescribeConverted(OpenApiSchema schema, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var isNullable = plain != type ? JsonSchemaType.Null : 0;
        if (plain == typeof(DateTimeOffset)) { (schema.Type, schema.Format) = (JsonSchemaType.String | isNullable, "date-time"); }
        if (plain == typeof(TimeSpan)) { (schema.Type, schema.Format) = (JsonSchemaType.String | isNullable, "duration"); }
        if (plain == typeof(int)) { (schema.Type, schema.Format) = (JsonSchemaType.Integer | isNullable, "int32"); }
        if (plain == typeof(long)) { (schema.Type, schema.Format) = (JsonSchemaType.Integer | isNullable, "int64"); }
        if (plain == typeof(JsonObject)) { (schema.Type, schema.AdditionalProperties) = (JsonSchemaType.Object, new OpenApiSchema()); }
        if (plain.IsEnum && schema.Enum?.Count > 0) { schema.Type = JsonSchemaType.String | isNullable; }
    }

    private static OpenApiSecurityRequirement Scheme(string name, OpenApiDocument? document) => new() { [new OpenApiSecuritySchemeReference(name, document)] = [] };
}
