using System.Text.Json.Serialization;

namespace CustomerFunctions.Edge;

/// <summary>For values that callers send: by name, never by number, which would be an accident of the order in which the names stand here.</summary>
internal sealed class NamedEnumConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
