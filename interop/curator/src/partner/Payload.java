package partner;

/** What instances of services carry with them. */
public final class Payload {
  private String note;

  public Payload() {}

  Payload(String note) {
    this.note = note;
  }

  public String getNote() {
    return note;
  }

  public void setNote(String note) {
    this.note = note;
  }
}
