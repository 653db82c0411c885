using System.Reflection;
using Azure;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Sdks;

/// <summary>Every public operation of an SDK's clients, by reflection.</summary>
internal static class SdkOperations
{
    private static readonly Type[] Answers = [typeof(Task), typeof(ValueTask), typeof(ValueTask<>), typeof(AsyncPageable<>), typeof(FeedIterator), typeof(FeedIterator<>)];

    /// <summary><c>Class.Method</c> of every public method of every class that sends something: one that has a method with an asynchronous answer.</summary>
    public static IEnumerable<string> Of(Assembly sdk) =>
        sdk.GetExportedTypes().Where(type => type.IsClass && !type.IsSubclassOf(typeof(Delegate)) && Methods(type).Any(IsAsynchronous))
            .SelectMany(type => Methods(type).Select(method => Name(type, method.Name))).Distinct().Order(StringComparer.Ordinal);

    /// <summary>
    /// As one name: what Azure.Core's clients offer twice, synchronous and not, sends the same requests.
    /// </summary>
    public static string Name(Type type, string method)
    {
        var client = type.Name.Split('`')[0];
        var isTwin = method.EndsWith("Async", StringComparison.Ordinal) && type.GetMethods().Any(other => other.Name == method[..^5]);
        return $"{client}.{(isTwin ? method[..^5] : method)}";
    }

    private static IEnumerable<MethodInfo> Methods(Type type) => type
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => !method.IsSpecialName && method.GetBaseDefinition().DeclaringType != typeof(object));

    private static bool IsAsynchronous(MethodInfo method) =>
        Answers.Any(answer => answer == method.ReturnType || method.ReturnType.IsSubclassOf(answer))
        || (method.ReturnType.IsGenericType && Answers.Contains(method.ReturnType.GetGenericTypeDefinition()));
}
