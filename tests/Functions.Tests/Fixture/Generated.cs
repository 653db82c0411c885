using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Statements that hold for whatever is generated; FsCheck prints the case and the seed when one does not.</summary>
internal static class Generated
{
    private static readonly char[] Any = [.. "aZ09 .-_/\\%?#@'\"~\0\t\n\u00e4\u00df\u0130\u0301\u20ac\u4e2d\ufffd"];

    /// <summary>Text of letters, digits, signs, accents and other scripts, in no sensible order.</summary>
    public static Gen<string> Text(int maxLength = 60) =>
        from length in Gen.Choose(0, maxLength)
        from characters in Gen.OneOf(Gen.Elements(Any), Gen.Choose('a', 'z').Select(code => (char)code)).ArrayOf(length)
        select new string(characters);

    public static Gen<DateTimeOffset> Instant() =>
        from days in Gen.Choose(0, 60_000)
        from milliseconds in Gen.Choose(0, 86_400_000 - 1)
        select DateTimeOffset.UnixEpoch.AddDays(days).AddMilliseconds(milliseconds);

    /// <summary>What is generated is often a tuple, which has fields only.</summary>
    private static readonly JsonSerializerOptions Whole = new() { IncludeFields = true };

    public static void Check<T>(Gen<T> cases, Action<T> statement, int count = 300) =>
        Prop.ForAll(cases.ToArbitrary(), statement).Check(Config.QuickThrowOnFailure.WithMaxTest(count));

    /// <summary>The same over HTTP, one case after the other; says for which case the statement does not hold.</summary>
    public static async Task CheckAsync<T>(Gen<T> cases, Func<T, Task> statement, int count = 100)
    {
        foreach (var made in cases.Sample(count, size: 10))
        {
            try { await statement(made); }
            catch (Exception e) when (e is not OutOfMemoryException) { throw new Xunit.Sdk.XunitException($"It does not hold for {JsonSerializer.Serialize(made, Whole)}: {e.Message}"); }
        }
    }
}
