using Microsoft.OpenApi;

namespace CustomerFunctions.Edge;

/// <summary>
/// Schemas of merge patches for the OpenAPI document. What a PUT or POST requires, a patch may leave out, so where a type is the body of both, the patch has
/// a schema of its own, whose name ends in <c>Patch</c>.
/// </summary>
internal static class PatchSchemas
{
    public static void Apply(OpenApiDocument document)
    {
        var patches = document.Paths.Values.Select(path => path.Operations?.GetValueOrDefault(HttpMethod.Patch)?.RequestBody?.Content).OfType<IDictionary<string, OpenApiMediaType>>();
        foreach (var body in patches.SelectMany(content => content.Values)) { body.Schema = Optional(body.Schema, document); }
    }

    /// <summary>The same without required members, however deep. The items of a list stay: a patch replaces lists whole.</summary>
    private static IOpenApiSchema? Optional(IOpenApiSchema? schema, OpenApiDocument document)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } id })
        {
            var target = document.Components!.Schemas![id];
            if (!HasRequired(target, document)) { return schema; }
            var name = id + "Patch";
            document.Components.Schemas.TryAdd(name, Optional(target, document)!);
            return new OpenApiSchemaReference(name, document);
        }
        if (schema is null || !HasRequired(schema, document)) { return schema; }
        var copy = (OpenApiSchema)schema.CreateShallowCopy();
        copy.Required = null;
        copy.Metadata = null;
        copy.Properties = copy.Properties?.ToDictionary(property => property.Key, property => Optional(property.Value, document)!);
        copy.OneOf = copy.OneOf?.Select(choice => Optional(choice, document)!).ToList();
        return copy;
    }

    private static bool HasRequired(IOpenApiSchema schema, OpenApiDocument document) => schema is OpenApiSchemaReference { Reference.Id: { } id }
        ? HasRequired(document.Components!.Schemas![id], document)
        : schema.Required?.Count > 0 || schema.Properties?.Values.Any(property => HasRequired(property, document)) == true || schema.OneOf?.Any(choice => HasRequired(choice, document)) == true;
}
