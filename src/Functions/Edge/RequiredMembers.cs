using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization.Metadata;

namespace CustomerFunctions.Edge;

/// <summary>
/// The members that a request body must have: those with <see cref="RequiredAttribute"/>. One list is both the rule for every route and
/// <c>required</c> in the OpenAPI document.
/// </summary>
internal static class RequiredMembers
{
    /// <summary>A body that is a list of empty objects gets no answer larger than itself.</summary>
    private const int MostErrors = 100;

    private const string Detail = "The field is required.";

    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>A member that is required, or has members that are.</summary>
    private sealed record Member(string Name, Func<object, object?> Read, bool IsRequired, string Detail);

    public static IEnumerable<string> Of(Type type) => MembersOf(type).Where(member => member.IsRequired).Select(member => member.Name);

    /// <summary>Refuses a body that lacks a required member, or has null there, before the handler sees it.</summary>
    public static ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var checks = new Checks();
        if (context.HttpContext.Request.ContentLength > 0)
        {
            foreach (var argument in context.Arguments) { Check(checks, "", argument); }
        }
        return checks.Refusal is { } refusal ? new ValueTask<object?>(refusal) : next(context);
    }

    /// <summary>Adds an error for each required member that <paramref name="body"/> lacks.</summary>
    public static void Check(Checks checks, string pointer, object? body)
    {
        if (body is null || checks.Count >= MostErrors) { return; }
        if (body is IEnumerable and not string && ElementOf(body.GetType()) is { } element && Holds(element))
        {
            foreach (var (index, item) in ((IEnumerable)body).Cast<object?>().Index()) { Check(checks, $"{pointer}/{index}", item); }
            return;
        }
        foreach (var member in MembersOf(body.GetType()))
        {
            var (at, value) = ($"{pointer}/{member.Name}", member.Read(body));
            if (value is null && member.IsRequired) { checks.Add(at, "required", member.Detail); }
            else { Check(checks, at, value); }
        }
    }

    private static Member[] MembersOf(Type type) => Known.GetOrAdd(type, static type => ApiJson.Default.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } json ? [] :
    [
        .. from property in json.Properties
           where property.Get is not null
           let required = property.AttributeProvider?.GetCustomAttributes(typeof(RequiredAttribute), inherit: true).Cast<RequiredAttribute>().SingleOrDefault()
           where required is not null || Holds(property.PropertyType)
           select new Member(property.Name, property.Get!, required is not null, required?.ErrorMessage ?? Detail),
    ]);

    private static bool Holds(Type type) => ElementOf(type) is { } element ? Holds(element) : MembersOf(type).Length > 0;

    private static Type? ElementOf(Type type) => type.IsGenericType && type.GenericTypeArguments is [var element] && type.IsAssignableTo(typeof(IEnumerable)) ? element : null;
}
