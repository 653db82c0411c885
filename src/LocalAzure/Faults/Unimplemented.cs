namespace LocalAzure.Faults;

/// <summary>What a request asked for that LocalAzure does not implement: noted by the emulator that refuses it, counted by its gate.</summary>
internal static class Unimplemented
{
    private const string Start = "LocalAzure does not implement ";
    private static readonly object Key = new();

    /// <summary>Takes the feature's name from the refusal's message.</summary>
    public static void NoteUnimplemented(this HttpContext context, string message) =>
        context.Items[Key] = message.StartsWith(Start, StringComparison.Ordinal) ? message[Start.Length..].TrimEnd('.') : message;

    /// <summary>Null when the request was not refused so; <c>(unnamed)</c> when the answer is 501 and its emulator named nothing.</summary>
    public static string? FeatureOf(HttpContext context) => context.Response.StatusCode == StatusCodes.Status501NotImplemented
        ? context.Items.TryGetValue(Key, out var feature) ? (string)feature! : "(unnamed)"
        : null;
}
