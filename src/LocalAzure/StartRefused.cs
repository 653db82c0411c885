namespace LocalAzure;

/// <summary>LocalAzure can't start or go on, for a reason that its user can do something about: the message is the one line to print.</summary>
internal sealed class StartRefused(string line, Exception? cause = null) : Exception(line, cause);
